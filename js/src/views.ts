/** What is asked of a view in more than one place. */
import type { View } from "./protocol";

/** Questions whose answer is final: while the run works on one, the node may still raise on it. */
export function settledIn({ phase, turns, questions }: View): Set<string> {
  if (phase.kind === "running" || phase.kind === "starting") return new Set();
  const settled = new Set(turns.map(({ id }) => id));
  for (const { id } of questions) settled.delete(id);
  return settled;
}

export function isOpen(view: View, id: string): boolean {
  return view.questions.some((question) => question.id === id && question.standing.kind === "open");
}
