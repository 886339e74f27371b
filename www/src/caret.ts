// Puts the caret of a text area where a fault is.

/** Selects the character at this place (the line and the code point in it, both from 1) and scrolls to it. */
export function goTo(area: HTMLTextAreaElement, line: number, column: number): void {
  const start = indexOf(area.value, line, column);
  const character = area.value.codePointAt(start);
  const end = character === undefined || character === 0x0a ? start : start + String.fromCodePoint(character).length;
  // A text area scrolls to its caret when it is given focus, so the caret must be there first.
  area.blur();
  area.setSelectionRange(start, end);
  area.focus();
}

/** The index, in UTF-16 code units, of a place that is counted in lines and code points. */
function indexOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) start = text.indexOf("\n", start) + 1;
  let index = start;
  for (let passed = 1; passed < column && index < text.length; passed += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}
