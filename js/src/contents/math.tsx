/** Formulas: set by the LaTeX typesetter of the host where available, otherwise shown as written. */
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
