/**
 * Avoids repetition between the card and the outputs of the cell, by CSS rules of the page that leave all
 * outputs in place.
 *
 * The card draws the record of an answer as long as the card exists. A rule for a host matches nothing in other hosts.
 */

/** Name of the element that holds the card; `recording/outputs.py` names the element that holds a record. */
export const CARD = "nbhitl-card";

/** Name of the element that holds an inbox. */
export const INBOX = "nbhitl-inbox";

/** The element around each output: of JupyterLab and Notebook 7, of VS Code, of nbclassic. */
const OUTPUTS = [".jp-OutputArea-child", ".output_container", ".output_area"];

const RECORDS = OUTPUTS.map(
  (output) => `${output}:has(.${CARD}) ~ ${output}:has(.nbhitl-record) { display: none; }`,
);

/** VS Code puts a white background around every widget, also in a dark theme. */
const BACKGROUND = ".cell-output-ipywidget-background";

const RULES = `
${RECORDS.join("\n")}
${BACKGROUND}:has(.${CARD}, .${INBOX}) { background: transparent !important; }
`;

const MARK = "data-nbhitl-outputs";

export function showOnce(): void {
  if (document.head.querySelector(`style[${MARK}]`)) return;
  const style = document.createElement("style");
  style.setAttribute(MARK, "");
  style.textContent = RULES;
  document.head.append(style);
}
