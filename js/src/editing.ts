/** Drafts in the editors: with the decisions of rules, and kept without secrets. */
import type { ReadonlySignal } from "@preact/signals";
import { withoutRulings, withRulings } from "./decisions/ruled";
import { createDrafts, type Drafts } from "./drafts";
import type { CardModel } from "./model";
import type { Question, View } from "./protocol";
import { Secrets } from "./secrets";
import { goneFrom, settledIn } from "./views";

export class Editing {
  readonly drafts: Drafts;
  private readonly secrets = new Secrets();
  /** The questions for which the draft of another kernel was taken. */
  private readonly taken = new Set<string>();

  constructor(
    model: CardModel,
    signal: AbortSignal,
    private readonly view: ReadonlySignal<View>,
  ) {
    this.drafts = createDrafts(model, signal, (id, text) => this.kept(id, text));
    this.take(view.value);
  }

  draftOf(question: Question): string {
    return withRulings(question, this.drafts.texts.value[question.id] ?? startOf(question));
  }

  /** The first draft of the editor, with the decisions of rules. */
  startOf(question: Question): string {
    return withRulings(question, startOf(question));
  }

  edit(question: Question, draft: string, isTyped = true): void {
    const own = withoutRulings(question, draft);
    this.drafts.write(question.id, own === startOf(question) ? null : own, isTyped);
  }

  /** Drop the drafts of questions that are over, and take the drafts that another kernel kept. */
  update(next: View): void {
    this.take(next);
    this.drafts.forget(next.batch ? goneFrom(next, this.drafts.texts.value) : settledIn(next));
  }

  /** A draft of another kernel stands in the editor once, unless somebody has written there already. */
  private take({ questions }: View): void {
    for (const { id, offered, standing } of questions) {
      if (!offered?.new || !offered.fits || standing.kind !== "open" || this.taken.has(id)) continue;
      this.taken.add(id);
      if (!(id in this.drafts.texts.value)) this.drafts.write(id, offered.text, false);
    }
  }

  flush(): void {
    this.drafts.flush();
  }

  private kept(id: string, text: string): string | null {
    const question = this.view.value.questions.find((one) => one.id === id);
    if (!question) return text;
    const kept = this.secrets.without(question, text);
    return kept === startOf(question) ? null : kept;
  }
}

/** The first draft of the editor: the former answer, where the question was asked before. */
export function startOf({ field, former }: Question): string {
  return former?.answer ?? field.original;
}
