/** Formulas: set by the LaTeX typesetter of the host where available, otherwise shown as written. */
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

/** Only the typesetter may change the content: to draw the content anew would undo the typesetting. */
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
