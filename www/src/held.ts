// What is too large, or too strange, for a text area: it is held beside it, as it came.

/** The longest text that goes into the text area, in UTF-16 code units and in bytes alike. */
export const EDITABLE_LENGTH = 1 << 20;

/** A document that is not in the text area. */
export interface Held {
  name: string;
  source: string | Blob;
}

/** The text of a file, if the text area can hold it without changing it. */
export async function editableText(file: File): Promise<string | undefined> {
  if (file.size > EDITABLE_LENGTH) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
    // A text area turns every line break into a line feed, and places would be counted differently.
    return text.includes("\r") ? undefined : text;
  } catch {
    return undefined;
  }
}
