/** Formulas: set by the host's LaTeX where it lends it, else shown as they are written. */
import type { TokenizerAndRendererExtension } from "marked";
import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { shownText } from "../shown";

/** Sets the LaTeX within an element; `null` where the host has none. */
export type Typeset = ((element: HTMLElement) => void) | null;

export const Typesetting = createContext<Typeset>(null);

export interface MathToken {
  type: "math";
  raw: string;
}

// As pandoc has it: "$5 and $6" is no formula, for a closing $ has no space before and no digit after it.
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

/** Its content is no one's but the typesetter's: drawing it anew would undo that. */
export function Formula({ source }: { source: string }) {
  const element = useRef<HTMLSpanElement>(null);
  const typeset = useContext(Typesetting);
  useLayoutEffect(() => {
    if (!element.current) return;
    element.current.textContent = shownText(source);
    typeset?.(element.current);
  }, [source, typeset]);
  return <span ref={element} class="math" />;
}
