// The vectors that every part of the project is held to.
import { readFileSync } from "node:fs";

/**
 * @type {{
 *   canonical: { name: string, text?: string, textHex?: string, canonical: string, id: string }[],
 *   refused: { name: string, text?: string, textHex?: string, kind: string, offset?: number, line?: number,
 *     column?: number, pointer?: string }[],
 * }}
 */
export const vectors = JSON.parse(readFileSync(new URL("../../core/tests/vectors.json", import.meta.url), "utf8"));
