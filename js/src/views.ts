/** What is asked of a view in more than one place. */
import type { View } from "./protocol";

export function isOpen(view: View, id: string): boolean {
  return view.questions.some((question) => question.id === id && question.standing.kind === "open");
}
