/** The kernel's view of a draft while a person writes: the type of the answer, and the flaws. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import type { Channel } from "./channel";
import { DEBOUNCE_MS } from "./drafts";
import type { Checked, Flaw, Question, Refused, View } from "./protocol";
import { isOpen } from "./views";

export interface Finding {
  /** The type in words; empty where the draft makes no answer. */
  sends: string;
  /** The JSON text of the answer, where short. */
  sent: string;
  /** The draft to which this applies. */
  draft: string;
  flaws: readonly Flaw[];
  /** An answer was refused: every flaw is shown, not only the flaws in parts that were touched. */
  refused: boolean;
}

export interface Checks {
  findings: ReadonlySignal<Record<string, Finding>>;
  /**
   * Ask once writing pauses; only the reply for the last draft counts, and a lacking reply is not a problem.
   */
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

  /** Something missing is not a flaw in a draft that nobody has touched. */
  function settle(id: string, draft: string, message: Checked | Refused, untouched: boolean): void {
    if (asked.get(id) !== draft || message.kind === "refused") return;
    put(id, { ...message, draft, ...(untouched && { flaws: [] }) }, findings.value[id]?.refused ?? false);
  }

  function refused(id: string, flaws: readonly Flaw[]): void {
    clearTimeout(timers.get(id));
    asked.delete(id); // the reply for this draft is known already
    put(id, { sends: "", sent: "", draft: "", flaws }, true);
  }

  function update(next: View): void {
    const open = Object.entries(findings.value).filter(([id]) => isOpen(next, id));
    findings.value = Object.fromEntries(open);
  }

  return { findings, check, refused, update };
}
