/** The length of a text as people count: in words and lines. */

const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Khmer}\\p{Script=Lao}";
/** Scripts without spaces are counted by the character, as word processors do. */
const WORD = new RegExp(
  `[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}_'’.,-])*(?![${UNSPACED}])[\\p{L}\\p{N}_]`,
  "gu",
);

export function countWords(text: string): number {
  return text.match(WORD)?.length ?? 0;
}

export function countLines(text: string): number {
  return text === "" ? 0 : text.replace(/\n$/, "").split("\n").length;
}
