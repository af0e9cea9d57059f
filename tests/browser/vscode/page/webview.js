/** The webview in which VS Code draws the outputs of a notebook, with what is around a widget there. */
import { Kernels } from "./kernel.js";
import { setTheme } from "./themes.js";

const post = (message) => parent.postMessage(message, "*");
const kernels = new Kernels(post);

/** Of one output, the first of these that can be drawn. */
const DRAWN = [
  ["application/vnd.jupyter.widget-view+json", (value, element) => kernels.draw(value, element)],
  ["text/html", (value, element) => element.insertAdjacentHTML("beforeend", whole(value))],
  ["text/plain", (value, element) => element.append(inMonospace(whole(value)))],
];

const handlers = {
  theme: ({ name }) => setTheme(name),
  notebook: ({ cells }) => cells.forEach(addCell),
  clear: ({ cell }) => document.getElementById(`cell-${cell}`).replaceChildren(),
  output: ({ cell, output, isKnown }) => void show(output, isKnown, addOutput(cell)),
  begin: ({ options }) => kernels.begin(options),
  end: () => kernels.end(),
  "from kernel": (message) => kernels.take(message),
  running: (message) => kernels.take(message),
};

// The outputs of each cell stand in a cell_container, each in an output_container.
function addCell(source, index) {
  const code = inMonospace(source);
  const outputs = document.createElement("div");
  outputs.className = "cell_container";
  outputs.id = `cell-${index}`;
  document.getElementById("container").append(code, outputs);
}

function addOutput(cell) {
  const container = document.createElement("div");
  container.className = "output_container";
  const output = document.createElement("div");
  output.className = "output";
  const element = document.createElement("div");
  container.append(output);
  output.append(element);
  document.getElementById(`cell-${cell}`).append(container);
  return element;
}

async function show(output, isKnown, element) {
  if (output.output_type === "stream") element.append(inMonospace(whole(output.text)));
  else if (output.output_type === "error") element.append(inMonospace(`${output.ename}: ${output.evalue}`));
  else {
    const able = DRAWN.filter(([mime]) => mime in output.data && (isKnown || !mime.includes("widget-view")));
    const [mime, draw] = able[0];
    await draw(output.data[mime], element);
  }
}

const whole = (text) => (Array.isArray(text) ? text.join("") : text);

function inMonospace(text) {
  const element = document.createElement("pre");
  element.textContent = text;
  return element;
}

// Every key that reaches the window goes to the workbench, where it may be a cell's shortcut.
window.addEventListener("keydown", ({ key, ctrlKey }) => {
  post({ kind: "keydown", key: ctrlKey ? `Control+${key}` : key });
});
window.addEventListener("message", ({ data }) => handlers[data.kind]?.(data));
post({ kind: "loaded" });
