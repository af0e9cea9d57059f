/** The window around the webview: it relays between webview and extension, and has the buttons and the input box. */
const webview = document.createElement("iframe");
webview.name = "webview";
webview.setAttribute("sandbox", "allow-same-origin allow-scripts allow-forms allow-downloads allow-pointer-lock");
webview.src = `http://localhost:${location.port}/webview.html`; // of another origin, as in VS Code
document.body.append(webview);

window.keys = [];
window.states = {};
const toWebview = (message) => webview.contentWindow.postMessage(message, "*");
let extension = null;

const fromWebview = {
  keydown: ({ key }) => window.keys.push(key),
  loaded() {
    const theme = new URLSearchParams(location.search).get("theme");
    window.setTheme(theme ?? "dark");
    extension = new WebSocket(`ws://${location.host}/extension`);
    extension.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      (fromExtension[message.kind] ?? toWebview)(message);
    };
  },
};

const fromExtension = {
  state: ({ cell, state }) => {
    window.states[cell] = state;
  },
  input: ({ prompt }) => {
    const box = document.createElement("input");
    box.placeholder = prompt;
    box.onkeydown = ({ key }) => {
      if (key !== "Enter") return;
      send({ kind: "input", value: box.value });
      box.remove();
    };
    document.getElementById("input").append(box);
    box.focus();
  },
};

const send = (message) => extension.send(JSON.stringify(message));
window.setTheme = (name) => toWebview({ kind: "theme", name });
window.addEventListener("message", ({ data }) => (fromWebview[data.kind] ?? send)(data));
for (const id of ["run", "interrupt", "restart"]) {
  document.getElementById(id).onclick = () => send({ kind: id });
}
