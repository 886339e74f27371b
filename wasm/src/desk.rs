//! [`Desk`]: the functions without I/O, and the memory through which texts and results pass.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use isoblob_core::{BlobId, Error, IdHasher, Limits, canonicalize, find_references};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::hex;
use crate::json;

/// The most bytes of input and of output that stay allocated from one call to the next, 64 KiB.
const KEPT_BYTES: usize = 64 << 10;

/// The functions without I/O.
///
/// Each reads the first `len` bytes of the input, and says whether all is well. If not, the output is a fault: an object
/// in JSON with the members of the package's `BlobError`.
#[wasm_bindgen]
pub struct Desk {
    pub(crate) input: Vec<u8>,
    written: Vec<u8>,
    output: (*const u8, usize),
    /// Those that have begun, by their numbers.
    hashers: Vec<Option<IdHasher>>,
}

#[wasm_bindgen]
impl Desk {
    /// An empty desk.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self { input: Vec::new(), written: Vec::new(), output: (core::ptr::null(), 0), hashers: Vec::new() }
    }

    /// Makes room for so many bytes of input and says where it is. What has been written there stays, but may move.
    pub fn input(&mut self, len: usize) -> *mut u8 {
        if self.input.len() < len {
            self.input.resize(len, 0);
        }
        self.input.as_mut_ptr()
    }

    /// Where the output of the last call is.
    pub fn output(&self) -> *const u8 {
        self.output.0
    }

    /// The length, in bytes, of the output of the last call.
    #[wasm_bindgen(js_name = outputLength)]
    pub fn output_length(&self) -> usize {
        self.output.1
    }

    /// Forgets the output, and gives back what memory a large text took.
    pub fn clear(&mut self) {
        self.output = (core::ptr::null(), 0);
        for memory in [&mut self.input, &mut self.written] {
            memory.truncate(KEPT_BYTES);
            memory.shrink_to(KEPT_BYTES);
        }
    }

    /// The canonical form of a JSON text. What is canonical already is not copied: the output is in the input then.
    pub fn canonicalize(&mut self, len: usize) -> bool {
        match canonicalize(&self.input[..len], Limits::default()) {
            Ok(Cow::Borrowed(canonical)) => {
                self.output = (canonical.as_ptr(), canonical.len());
                true
            }
            Ok(Cow::Owned(canonical)) => self.succeed(canonical),
            Err(error) => self.fail(json::fault(&error)),
        }
    }

    /// The id of a JSON text.
    #[wasm_bindgen(js_name = textId)]
    pub fn text_id(&mut self, len: usize) -> bool {
        let id = BlobId::of_json(&self.input[..len], Limits::default());
        self.answer(id, |id| hex(id).into_bytes())
    }

    /// The id of a blob's content: the SHA-256 of the bytes as they are.
    #[wasm_bindgen(js_name = contentId)]
    pub fn content_id(&mut self, len: usize) -> bool {
        let id = BlobId::of(&self.input[..len]);
        self.succeed(hex(id).into_bytes())
    }

    /// Begins to hash bytes that come in pieces; returns the number of the hasher.
    pub fn begin(&mut self) -> usize {
        let free = self.hashers.iter().position(Option::is_none);
        let number = free.unwrap_or(self.hashers.len());
        self.hashers.resize(self.hashers.len().max(number + 1), None);
        self.hashers[number] = Some(IdHasher::new());
        number
    }

    /// Hashes the bytes that come next.
    pub fn update(&mut self, hasher: usize, len: usize) -> bool {
        if let Some(hasher) = &mut self.hashers[hasher] {
            hasher.update(&self.input[..len]);
        }
        self.succeed(Vec::new())
    }

    /// Ends a hasher. The output is the id of all bytes given, if there is such a hasher.
    pub fn finish(&mut self, hasher: usize) -> bool {
        let id = self.hashers[hasher].take().map(IdHasher::finish);
        self.succeed(id.map(hex).unwrap_or_default().into_bytes())
    }

    /// The references to other blobs in a JSON text, as an array in JSON.
    #[wasm_bindgen(js_name = findReferences)]
    pub fn find_references(&mut self, len: usize) -> bool {
        let found = canonicalize(&self.input[..len], Limits::default()).map(|canonical| find_references(&canonical));
        self.answer(found, |found| json::references(&found))
    }
}

impl Desk {
    pub(crate) fn answer<T>(&mut self, result: Result<T, Error>, output: impl FnOnce(T) -> Vec<u8>) -> bool {
        match result {
            Ok(value) => self.succeed(output(value)),
            Err(error) => self.fail(json::fault(&error)),
        }
    }

    pub(crate) fn succeed(&mut self, output: Vec<u8>) -> bool {
        self.written = output;
        self.output = (self.written.as_ptr(), self.written.len());
        true
    }

    pub(crate) fn fail(&mut self, fault: Vec<u8>) -> bool {
        self.succeed(fault);
        false
    }
}
