/**
 * Avoids repetition between the card and the outputs of the cell, by CSS rules of the page that leave all
 * outputs in place.
 *
 * The card draws the record of an answer as long as the card exists, and the cell shows the result where the
 * cell has the result. The rules are for JupyterLab and Notebook 7, and match nothing elsewhere.
 */

/** Name of the element that holds the card; `recording/outputs.py` names the element that holds a record. */
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
