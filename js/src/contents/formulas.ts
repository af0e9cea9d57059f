/** Formulas as an extension of `marked`. */
import type { TokenizerAndRendererExtension } from "marked";

// The rule of pandoc: "$5 and $6" is not a formula, because a closing $ has no space before and no digit
// after.
const INLINE =
  /^(?:\$\$[^$]+\$\$|\$(?!\s)(?:\\[\s\S]|[^\\$\n])+(?<!\s)\$(?!\d)|\\\([\s\S]+?\\\)|\\\[[\s\S]+?\\\])/;
const BLOCK = /^(?:\$\$[^$]+\$\$|\\\[[\s\S]+?\\\])(?=\s*(?:\n|$))/;

function extension(level: "inline" | "block", pattern: RegExp): TokenizerAndRendererExtension {
  return {
    name: "math",
    level,
    start: (text) => (level === "inline" ? /\$|\\[([]/ : /^(?:\$\$|\\\[)/m).exec(text)?.index,
    tokenizer: (text) => {
      const raw = pattern.exec(text)?.[0];
      return raw === undefined ? undefined : { type: "math", raw };
    },
  };
}

export const mathematics = [extension("inline", INLINE), extension("block", BLOCK)];
