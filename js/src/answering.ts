/** From a draft to the kernel: an answer is sent, or kept back for a moment, and then taken or refused. */
import type { ReadonlySignal } from "@preact/signals";
import type { Batching } from "./batch";
import type { Checks } from "./checks";
import type { Connection } from "./connection";
import type { Editing } from "./editing";
import type { Effort } from "./effort";
import { createGrace, type Grace } from "./grace";
import { whyNotRecorded, writeRecord } from "./host";
import type { Losses } from "./lost";
import type { CardModel } from "./model";
import type { Accepted, Late, Question, RefusedMessage, View } from "./protocol";
import { isUnderway, type QuestionStates } from "./question-states";
import type { Recording } from "./recording";
import { isOpen } from "./views";

/** The question as the person saw it while answering, and the effort of the answer; `each`: the seconds in a batch. */
type Seen = { revision: number; each: number } & Partial<Effort>;

/** The parts of the store that answering uses. */
export interface Surroundings {
  model: CardModel;
  view: ReadonlySignal<View>;
  connection: Connection;
  states: QuestionStates;
  editing: Editing;
  checks: Checks;
  losses: Losses;
  recording: Recording;
  batching: Pick<Batching, "marks" | "seconds">;
  /** Tells the kernel the values of widgets within the card: they must arrive before the answer. */
  flushWidgets(): void;
  effortOf(id: string): Partial<Effort>;
  /** The name of the person at this page. */
  person: { readonly name: string };
}

export class Answering {
  private readonly grace: Grace;

  constructor(
    private readonly around: Surroundings,
    signal: AbortSignal,
  ) {
    this.grace = createGrace(signal);
  }

  /**
   * Answer questions at once. `keepsBack`: whether the answers wait for a moment, in which the person can take an answer
   * back.
   */
  answer(questions: readonly Question[], keepsBack: boolean): void {
    // Everything is measured first: the first answer brings the next question before the person.
    for (const [question, seen] of this.seen(questions)) {
      if (keepsBack) this.keepBack(question, seen);
      else this.send(question, seen);
    }
  }

  /** Leave a question of a batch without an answer. */
  skip(question: Question): void {
    for (const [, seen] of this.seen([question])) this.send(question, seen, true);
  }

  /** An answer that is kept back is not sent; the draft stays. */
  release({ id }: Question): void {
    const { states } = this.around;
    if (states.of(id).answer.kind !== "kept") return;
    this.grace.drop(id);
    states.answer(id, "none");
  }

  /** Called before the states are cleaned up. */
  update(before: View, next: View): void {
    const { states } = this.around;
    for (const late of next.late ?? []) this.overtaken(late, before);
    for (const id of Object.keys(states.underway.value)) if (!isOpen(next, id)) this.grace.drop(id);
  }

  /** Show a refusal at the question; where the question is gone, show the refused draft as lost. */
  refuse(question: Question, draft: string, { problem, flaws }: RefusedMessage): void {
    const { id } = question;
    const { states, view, checks, losses, editing } = this.around;
    states.answer(id, "none");
    const written = draft === editing.startOf(question) ? "" : draft;
    if (!isOpen(view.value, id)) {
      losses.put(id, { title: problem.message, draft: written });
      return;
    }
    if (flaws.length > 0) checks.refused(id, flaws);
    states.put(id, { answer: { kind: "refused", problem, draft } });
  }

  private canSend({ id }: Question): boolean {
    const { connection, states } = this.around;
    return !connection.isGone && !isUnderway(states.of(id).answer);
  }

  /** The questions whose answer can be sent, as the person sees the questions now. */
  private seen(questions: readonly Question[]): [Question, Seen][] {
    const { view, batching, effortOf } = this.around;
    const sendable = questions.filter((each) => this.canSend(each));
    const each = batching.seconds(sendable);
    return sendable.map((one) => [one, { revision: view.value.revision, each, ...effortOf(one.id) }]);
  }

  /** Send in a moment, unless the draft has changed by then: another page may write into the same draft. */
  private keepBack(question: Question, seen: Seen): void {
    const { states, editing, connection } = this.around;
    const draft = editing.draftOf(question);
    states.answer(question.id, "kept");
    this.grace.keep(question.id, () => {
      states.answer(question.id, "none");
      if (!connection.isGone && editing.draftOf(question) === draft) this.send(question, seen);
    });
  }

  private send(question: Question, { each, ...seen }: Seen, skipped = false): void {
    const { model, states, editing, checks, connection, batching, flushWidgets, person } = this.around;
    const { id } = question;
    const item = batching.marks(question, skipped, each);
    const draft = editing.draftOf(question);
    checks.drop(id);
    flushWidgets();
    states.put(id, { answer: { kind: "sending" }, isTaken: false });
    const why = whyNotRecorded(model);
    const { reply, inTime } = connection.channel.ask({
      kind: "answer",
      id,
      draft,
      ...seen,
      ...(states.of(id).isKeptOut && { record: false }),
      ...(why !== null && { why_not: why }),
      ...(item && { item }),
      ...(person.name && { by: person.name }),
    });
    void inTime.then((confirmed) => confirmed || this.unconfirmed(id));
    void reply.then((message) => this.settle(question, draft, message));
  }

  private unconfirmed(id: string): void {
    const { states } = this.around;
    if (states.of(id).answer.kind === "sending") states.answer(id, "unconfirmed");
  }

  private settle(question: Question, draft: string, message: Accepted | RefusedMessage): void {
    if (message.kind === "accepted") this.accept(question, message);
    else if (!this.around.states.of(question.id).isTaken) this.refuse(question, draft, message);
  }

  private accept({ id }: Question, { request, record }: Accepted): void {
    const { states, recording } = this.around;
    states.put(id, { isTaken: true });
    // A quick node may have asked again already: then the view has shown the answer, and the question is a new one.
    if (id in states.underway.value) states.answer(id, "accepted");
    if (record) recording.write(request, record);
  }

  /** Only the text stays of an answer that another client overtook. */
  private overtaken({ id, record }: Late, before: View): void {
    if (before.late?.some((one) => one.id === id)) return;
    this.around.states.put(id, { answer: { kind: "none" }, isTaken: false });
    if (record) writeRecord(this.around.model, record);
  }
}
