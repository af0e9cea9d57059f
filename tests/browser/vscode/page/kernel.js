/**
 * The kernel of the webview: messages go by `post`, and VS Code's widget manager draws what they tell.
 *
 * The extension relays every message, and knows no more of widgets than which have a state.
 */
import { ServerConnection } from "@jupyterlab/services";
import { KernelConnection } from "@jupyterlab/services/lib/kernel/default";
import { activate } from "@vscode/jupyter-ipywidgets8";

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";
/** Classes of both elements around a widget; the extension's style sheet makes them white. */
const AROUND = "cell-output-ipywidget-background";

activate();
window.vscIPyWidgets8.load(); // defines @jupyter-widgets/base for require.js

/** The relayed kernel, one after the other: a restart ends one, and another begins. */
export class Kernels {
  #post;
  #manager = null;
  #kernel = null;
  #socket = null;
  #early = [];
  #shown = new Map();

  constructor(post) {
    this.#post = post;
  }

  begin(options) {
    const kernels = this;
    // The connection believes that it speaks to a server through a websocket.
    class Relay {
      protocol = "";
      isOpen = true;

      constructor() {
        kernels.#socket = this;
      }

      send(text) {
        if (this.isOpen) kernels.#post({ kind: "to kernel", text });
      }

      close() {}
    }
    const serverSettings = ServerConnection.makeSettings({ WebSocket: Relay, wsUrl: "ws://relayed" });
    const kernel = new KernelConnection({ ...options, serverSettings, handleComms: true });
    this.#kernel = kernel;
    // Nobody asks the kernel what it can do, so that it counts as one without subshells.
    const ask = kernel.requestKernelInfo;
    kernel.requestKernelInfo = async () => undefined;
    this.#socket.onopen({ target: this.#socket });
    kernel.requestKernelInfo = ask;
    const loader = {
      widgetsRegisteredInRequireJs: new Set(),
      loadWidgetScript: async (name) => {
        window.requirejs.config({ paths: { [name]: `${location.origin}/nbextensions/${name}/index` } });
      },
      successHandler() {},
      errorHandler: (name, module, version, error) => console.error("not loaded:", module, version, name, error),
    };
    this.#manager = new window.vscIPyWidgets.WidgetManager(kernel, undefined, loader, () => {}, undefined);
    kernel.iopubMessage.connect((_, message) => void this.#prepare(message));
    for (const message of this.#early.splice(0)) this.take(message);
  }

  /** A restart: the manager and its kernel are gone, and no model is told. */
  end() {
    this.#manager?.dispose();
    this.#kernel?.dispose();
    this.#manager = this.#kernel = null;
  }

  /** A message of the kernel; or a request to run a cell, so that the manager knows whose the outputs are. */
  take(message) {
    if (!this.#manager) {
      this.#early.push(message);
      return;
    }
    if (message.kind === "from kernel") {
      this.#socket.onmessage({ target: this.#socket, data: message.text });
    } else {
      this.#socket.isOpen = false;
      this.#kernel.sendShellMessage(message.request, false, true);
      this.#socket.isOpen = true;
    }
    this.#post({ kind: "taken", id: message.id });
  }

  async draw({ model_id: id }, element) {
    element.classList.add(AROUND);
    const place = document.createElement("div");
    place.className = AROUND;
    element.append(place);
    await this.#readiness(id).promise;
    const view = await this.#manager.create_view(await this.#manager.get_model(id), { el: place });
    await this.#manager.display_view({}, view, { node: place });
  }

  async #prepare({ header, content }) {
    const view = ["display_data", "execute_result"].includes(header.msg_type) && content.data[WIDGET_VIEW];
    if (!view) return;
    await this.#manager.get_model(view.model_id);
    this.#readiness(view.model_id).resolve();
  }

  #readiness(id) {
    if (!this.#shown.has(id)) this.#shown.set(id, withResolvers());
    return this.#shown.get(id);
  }
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve) => {
    made.resolve = resolve;
  });
  return made;
}
