/** Properties of a view that several modules need. */
import type { View } from "./protocol";

/** Questions with a final answer: while the run works on the answer, the node may still reject the answer. */
export function settledIn({ phase, turns, questions }: View): Set<string> {
  if (phase.kind === "running" || phase.kind === "starting") return new Set();
  const settled = new Set(turns.map(({ id }) => id));
  for (const { id } of questions) settled.delete(id);
  return settled;
}

export function isOpen(view: View, id: string): boolean {
  return view.questions.some((question) => question.id === id && question.standing.kind === "open");
}

/** The texts of questions that a batch asks no more; a batch that takes a decision back asks nothing for a moment. */
export function goneFrom({ phase, questions }: View, texts: Record<string, string>): Set<string> {
  if (phase.kind === "running" || phase.kind === "starting") return new Set();
  const open = new Set(questions.map(({ id }) => id));
  return new Set(Object.keys(texts).filter((id) => !open.has(id)));
}
