/**
 * What stands around the card in its cell's output, shown once: by rules of the page, which leave all outputs in place.
 *
 * The record of an answer is drawn by the card as long as there is one, and the result by the cell where the cell has
 * one. Rules of JupyterLab and Notebook 7; elsewhere they match nothing.
 */

/** Names the element that holds the card; `recording/outputs.py` names what holds a record. */
export const CARD = "nbhitl-card";

const RULES = `
.jp-OutputArea-child:has(.${CARD}) ~ .jp-OutputArea-child:has(.nbhitl-record) { display: none; }
.jp-OutputArea-child:has(.${CARD}):has(~ .jp-OutputArea-executeResult) .${CARD} { --nbhitl-result: none; }
`;

const MARK = "data-nbhitl-outputs";

export function showOnce(): void {
  if (document.head.querySelector(`style[${MARK}]`)) return;
  const style = document.createElement("style");
  style.setAttribute(MARK, "");
  style.textContent = RULES;
  document.head.append(style);
}
