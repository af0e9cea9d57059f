/** The start of a text, apart from `words.ts`, because the parts of the card need only this function. */

/** Return at most `most` characters of a text, and a sign for the rest; no character is cut in two. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).replace(/\u200d?[\ud800-\udbff]?$/, "")}…` : text;
}
