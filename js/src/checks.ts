/** The kernel's view of a draft while a person writes: the type of the answer, and the flaws. */
import type { Channel } from "./channel";
import { DEBOUNCE_MS } from "./drafts";
import type { Checked, Flaw, Question, RefusedMessage } from "./protocol";
import type { Finding, QuestionStates } from "./question-states";

export interface Checks {
  /**
   * Ask once writing pauses; only the reply for the last draft counts, and a missing reply is not a problem.
   */
  check(question: Question, draft: string): void;
  refused(id: string, flaws: readonly Flaw[]): void;
  /** Ask nothing more about a draft that is sent as the answer. */
  drop(id: string): void;
}

export function createChecks(channel: Channel, states: QuestionStates, signal: AbortSignal): Checks {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Question → the draft that was asked about last. */
  const asked = new Map<string, string>();
  signal.addEventListener("abort", () => timers.forEach(clearTimeout));

  function put(id: string, finding: Omit<Finding, "refused">, refused: boolean): void {
    states.put(id, { finding: { ...finding, refused } });
  }

  function check({ id, field, sends, sent }: Question, draft: string): void {
    const refused = states.of(id).finding?.refused ?? false;
    clearTimeout(timers.get(id));
    asked.set(id, draft);
    const untouched = draft === field.original && !refused;
    if (untouched) put(id, { sends, sent, draft, flaws: [] }, false);
    // A kernel that has only just started may not have known the type yet.
    if (!untouched || sends === "") timers.set(id, setTimeout(ask, DEBOUNCE_MS, id, draft, untouched));
  }

  function ask(id: string, draft: string, untouched: boolean): void {
    const { reply } = channel.ask({ kind: "check", id, draft });
    void reply.then((message) => settle(id, draft, message, untouched));
  }

  /** Something missing is not a flaw in a draft that nobody has touched. */
  function settle(id: string, draft: string, message: Checked | RefusedMessage, untouched: boolean): void {
    if (asked.get(id) !== draft || message.kind === "refused") return;
    put(id, { ...message, draft, ...(untouched && { flaws: [] }) }, states.of(id).finding?.refused ?? false);
  }

  function drop(id: string): void {
    clearTimeout(timers.get(id));
    asked.delete(id);
  }

  function refused(id: string, flaws: readonly Flaw[]): void {
    drop(id); // the reply for this draft is known already
    put(id, { sends: "", sent: "", draft: "", flaws }, true);
  }

  return { check, refused, drop };
}
