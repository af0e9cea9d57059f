/** How a person likes the card, kept by the browser for each notebook. */
import { signal as reactive, type Signal } from "@preact/signals";

export interface Remembered {
  /** Whether everything about the machine is unfolded. */
  machine: Signal<boolean>;
  /** Whether the last of several decisions sends them all. */
  sendsLast: Signal<boolean>;
  put(name: "machine" | "sendsLast", value: boolean): void;
}

export function createRemembered(notebook: string): Remembered {
  const keyOf = (name: string) => `nbhitl ${name} ${notebook}`;
  const machine = reactive(read(keyOf("machine")));
  const sendsLast = reactive(read(keyOf("sendsLast")));
  const signals = { machine, sendsLast };
  return {
    ...signals,
    put(name, value) {
      signals[name].value = value;
      write(keyOf(name), value);
    },
  };
}

/** A page may have no storage: then nothing is remembered. */
function read(key: string): boolean {
  try {
    return globalThis.localStorage?.getItem(key) === "true";
  } catch {
    return false;
  }
}

function write(key: string, value: boolean): void {
  try {
    if (value) globalThis.localStorage?.setItem(key, "true");
    else globalThis.localStorage?.removeItem(key);
  } catch {
    // It holds for as long as the page is open.
  }
}
