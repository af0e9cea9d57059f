/** The part that reads and draws Markdown, and colours code: the library is a fifth of the card's code. */
import { Marked, type Token } from "marked";
import css from "../style/markdown.css?inline";
import { mathematics } from "./formulas";

export { highlight } from "./highlight";
export { MarkdownView } from "./markdown-view";
export { css };

const reader = new Marked({ gfm: true, extensions: mathematics });

/** `null` where the text is nested too deeply to be read. */
export function read(text: string): Token[] | null {
  try {
    return reader.lexer(text);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
