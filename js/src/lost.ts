/** Unsent texts whose question disappears: moved to the same question when asked again, or shown as lost. */
import { signal as reactive } from "@preact/signals";
import type { Drafts } from "./drafts";
import { nameOf } from "./names";
import type { Question, Turn, View } from "./protocol";
import * as strings from "./strings";
import { isOpen } from "./views";

/** A text that was written here and not accepted, after the question has disappeared. */
export interface Lost {
  title: string;
  draft: string;
}

/** Follows the questions that leave the view with a text of this page. */
export class Losses {
  /** The lost texts, by the id of the question. */
  readonly all = reactive<Readonly<Record<string, Lost>>>({});
  /** Questions that disappeared while the run works: the run may ask them again. */
  private away: Question[] = [];

  constructor(
    private readonly drafts: Drafts,
    private readonly isSettled: (id: string) => boolean,
    /** The person at this page. */
    private readonly person: { readonly name: string },
  ) {}

  put(id: string, lost: Lost): void {
    this.all.value = { ...this.all.value, [id]: lost };
  }

  update(before: View, next: View): void {
    const left = { ...this.all.value, ...this.leaving(before, next) };
    this.all.value = Object.fromEntries(Object.entries(left).filter(([id]) => !isOpen(next, id)));
  }

  /** Move drafts to the same question when asked again, and return the drafts without such a question. */
  private leaving(before: View, next: View): Record<string, Lost> {
    const shown = new Set(next.questions.map(({ id }) => id));
    const seen = new Set(before.questions.map(({ id }) => id));
    const late = new Set(next.late?.map(({ id }) => id));
    const open = before.questions.filter(({ id, standing }) => standing.kind === "open" || late.has(id));
    const gone = [...this.away, ...open].filter(
      ({ id }) => !shown.has(id) && this.hasDraft(id) && !this.isSettled(id),
    );
    const fresh = next.questions.filter(({ id }) => !seen.has(id));
    const works = next.phase.kind === "running" || next.phase.kind === "starting";
    const answers = newTurns(before, next);
    const lost: Record<string, Lost> = {};
    this.away = [];
    for (const question of gone) {
      const { id } = question;
      const asked = nameOf(question, before.questions.length > 1);
      const draft = this.drafts.texts.value[id] ?? "";
      const turn = answers.find((one) => one.id === id);
      const anew = fresh.find((one) => !this.hasDraft(one.id) && isSameQuestion(one, question));
      if (turn?.answer === draft && !late.has(id)) continue;
      if (late.has(id)) lost[id] = { title: strings.lost.late(asked), draft };
      else if (turn) lost[id] = { title: strings.lost.elsewhere(asked, this.another(turn)), draft };
      else if (anew) this.drafts.write(anew.id, draft, this.drafts.isTyped(id));
      else if (works) this.away.push(question);
      else lost[id] = { title: strings.lost.withdrawn(asked), draft };
    }
    return lost;
  }

  /** The name of another person; none for an answer of the same person in another page. */
  private another({ by }: Turn): string | undefined {
    return by === this.person.name ? undefined : by;
  }

  private hasDraft(id: string): boolean {
    return this.drafts.texts.value[id] !== undefined;
  }
}

/** Compared without the ids, which are new in a fork. */
function isSameQuestion(one: Question, other: Question): boolean {
  return one.node === other.node && one.payload === other.payload;
}

/** The answers that were given meanwhile, except answers that were held. */
function newTurns(before: View, next: View): Turn[] {
  const held = before.questions.flatMap(({ node, standing }) =>
    standing.kind === "held" ? [`${node} ${standing.answer}`] : [],
  );
  return next.turns
    .slice(before.turns.length)
    .filter(({ node, answer }) => !held.includes(`${node} ${answer}`));
}
