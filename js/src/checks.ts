/** What the kernel says of a draft while it is written: of which type the answer would be, and its flaws. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import type { Channel } from "./channel";
import { DEBOUNCE_MS } from "./drafts";
import type { Checked, Flaw, Question, Refused, View } from "./protocol";
import { isOpen } from "./views";

export interface Finding {
  /** The type in words; empty where the draft makes no answer. */
  sends: string;
  /** Its JSON text, where it is short. */
  sent: string;
  /** What this is said of. */
  draft: string;
  flaws: readonly Flaw[];
  /** An answer was refused: every flaw is to be seen, not only those of what was touched. */
  refused: boolean;
}

export interface Checks {
  findings: ReadonlySignal<Record<string, Finding>>;
  /** Ask once writing pauses; only what is said of the last draft counts, and no answer is no problem. */
  check(question: Question, draft: string): void;
  refused(id: string, flaws: readonly Flaw[]): void;
  /** The finding on a question that is no longer open does not matter. */
  update(next: View): void;
}

export function createChecks(channel: Channel, signal: AbortSignal): Checks {
  const findings = reactive<Record<string, Finding>>({});
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Question → the draft that was asked about last. */
  const asked = new Map<string, string>();
  signal.addEventListener("abort", () => timers.forEach(clearTimeout));

  function put(id: string, finding: Omit<Finding, "refused">, refused: boolean): void {
    findings.value = { ...findings.value, [id]: { ...finding, refused } };
  }

  function check({ id, field, sends, sent }: Question, draft: string): void {
    const refused = findings.value[id]?.refused ?? false;
    clearTimeout(timers.get(id));
    asked.set(id, draft);
    const untouched = draft === field.original && !refused;
    if (untouched) put(id, { sends, sent, draft, flaws: [] }, false);
    // A kernel that has only begun may not have known the type yet.
    if (!untouched || sends === "") timers.set(id, setTimeout(ask, DEBOUNCE_MS, id, draft, untouched));
  }

  function ask(id: string, draft: string, untouched: boolean): void {
    const { reply } = channel.ask({ kind: "check", id, draft });
    void reply.then((message) => settle(id, draft, message, untouched));
  }

  /** Of what nobody has touched it is no fault that something is missing. */
  function settle(id: string, draft: string, message: Checked | Refused, untouched: boolean): void {
    if (asked.get(id) !== draft || message.kind === "refused") return;
    put(id, { ...message, draft, ...(untouched && { flaws: [] }) }, findings.value[id]?.refused ?? false);
  }

  function refused(id: string, flaws: readonly Flaw[]): void {
    clearTimeout(timers.get(id));
    asked.delete(id); // what is still said of this draft is known already
    put(id, { sends: "", sent: "", draft: "", flaws }, true);
  }

  function update(next: View): void {
    const open = Object.entries(findings.value).filter(([id]) => isOpen(next, id));
    findings.value = Object.fromEntries(open);
  }

  return { findings, check, refused, update };
}
