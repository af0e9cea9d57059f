/** The state of each question in this page: the stage of the answer, the kernel's findings, the person's choices. */
import { computed, signal as reactive } from "@preact/signals";
import type { Flaw, Problem, View } from "./protocol";
import { isOpen } from "./views";

/**
 * How far an answer is: `kept` while the answer can be taken back; `accepted` lasts until the view shows the answer;
 * `refused` has the reason and the refused answer.
 */
export type AnswerState =
  | { kind: "none" | "kept" | "sending" | "unconfirmed" | "accepted" }
  | { kind: "refused"; problem: Problem; draft: string };

/** The kernel's finding on a draft. */
export interface Finding {
  /** The type in words; empty where the draft makes no answer. */
  sends: string;
  /** The JSON text of the answer, where short. */
  sent: string;
  /** The draft to which this finding applies. */
  draft: string;
  flaws: readonly Flaw[];
  /** An answer was refused: every flaw is shown, not only the flaws in parts that were touched. */
  refused: boolean;
}

export interface QuestionState {
  answer: AnswerState;
  finding: Finding | null;
  /** Whether the form is being switched. */
  isSwitching: boolean;
  /** Whether the person keeps the answer out of the notebook. */
  isKeptOut: boolean;
  /** An answer from this page was taken: further answers sent for the question no longer matter. */
  isTaken: boolean;
}

const FRESH: QuestionState = {
  answer: { kind: "none" },
  finding: null,
  isSwitching: false,
  isKeptOut: false,
  isTaken: false,
};

export class QuestionStates {
  private readonly all = reactive<Readonly<Record<string, QuestionState>>>({});

  /** The questions whose answer is on the way. */
  readonly underway = computed(() => {
    const sent = Object.entries(this.all.value).filter(([, { answer }]) => isInDelivery(answer));
    return Object.fromEntries(sent.map(([id, { answer }]) => [id, answer.kind]));
  });

  of(id: string): QuestionState {
    return this.all.value[id] ?? FRESH;
  }

  put(id: string, changes: Partial<QuestionState>): void {
    this.all.value = { ...this.all.value, [id]: { ...this.of(id), ...changes } };
  }

  answer(id: string, kind: Exclude<AnswerState["kind"], "refused">): void {
    this.put(id, { answer: { kind } });
  }

  /** The only clean-up: a new view ends the states of questions that have changed or are over. */
  update(before: View, next: View): void {
    const kept = Object.entries(this.all.value).flatMap(([id, state]) => {
      const left = isOpen(next, id) ? stillOpen(state, isOpen(before, id)) : closed(state);
      return left ? [[id, left] as const] : [];
    });
    this.all.value = Object.fromEntries(kept);
  }
}

/** The view already shows the effect of an accepted answer; a question that is asked again is a new question. */
function stillOpen(state: QuestionState, wasOpen: boolean): QuestionState {
  const answer = state.answer.kind === "accepted" ? FRESH.answer : state.answer;
  return { ...state, answer, isTaken: state.isTaken && wasOpen };
}

/** Replies may still come, and the same question may be asked again. */
function closed({ isTaken, isKeptOut }: QuestionState): QuestionState | null {
  return isTaken || isKeptOut ? { ...FRESH, isTaken, isKeptOut } : null;
}

function isInDelivery({ kind }: AnswerState): boolean {
  return kind !== "none" && kind !== "refused";
}

/** Whether nothing may be changed, and nothing else sent. */
export function isUnderway({ kind }: AnswerState): boolean {
  return kind === "kept" || kind === "sending" || kind === "accepted";
}

/** Whether the kernel may have the answer. */
export function isSent(answer: AnswerState): boolean {
  return isInDelivery(answer) && answer.kind !== "kept";
}
