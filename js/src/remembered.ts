/** A person's settings of the card, kept by the browser: for each notebook, and alerts for all notebooks. */
import { signal as reactive, type Signal } from "@preact/signals";

/** The signs that tell a person who looks elsewhere that a card waits. */
export interface Alerts {
  notifies: Signal<boolean>;
  sounds: Signal<boolean>;
}

export interface Remembered extends Alerts {
  /** Whether the technical details are unfolded. */
  machine: Signal<boolean>;
  /** Whether the last of several decisions sends all decisions. */
  sendsLast: Signal<boolean>;
  /** Whether an answer is kept back for a moment, to be taken back. */
  grace: Signal<boolean>;
  put(name: Name, value: boolean): void;
}

type Name = "machine" | "sendsLast" | "grace" | keyof Alerts;

/** Shared by all cards of a page. */
const alerts: Alerts = { notifies: reactive(false), sounds: reactive(false) };

export function createRemembered(notebook: string): Remembered {
  const keyOf = (name: Name) => (name in alerts ? `nbhitl ${name}` : `nbhitl ${name} ${notebook}`);
  const machine = reactive(read(keyOf("machine")));
  const sendsLast = reactive(read(keyOf("sendsLast")));
  const grace = reactive(read(keyOf("grace")));
  alerts.notifies.value = read(keyOf("notifies"));
  alerts.sounds.value = read(keyOf("sounds"));
  const signals = { machine, sendsLast, grace, ...alerts };
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
    // Kept while the page is open.
  }
}
