//! [`window`]: the bytes of a text that are looked at together.

/// As many as every processor compares at once.
pub(super) const WINDOW_BYTES: usize = 16;

/// The bytes from an offset on; `None` near the end of the text, where there are not so many.
#[inline(always)]
pub(super) fn window(text: &[u8], at: usize) -> Option<&[u8; WINDOW_BYTES]> {
    text.get(at..at + WINDOW_BYTES)?.first_chunk()
}
