/** The names of a question: as a title, and for a screen reader. The question leads, never the node. */

import { cut } from "./cut";
import type { Question } from "./protocol";
import { shownText } from "./shown";
import * as strings from "./strings";

/** Characters of a prompt that is set as a title; a longer prompt is set as text. */
export const SHORT = 160;

const text = strings.question;

export function headingOf({ prompt }: Question): string {
  return prompt.trim() === "" ? text.untitled : prompt;
}

/** The first line of the question; equal questions are followed by the node. */
export function nameOf(question: Question, isOneOfSeveral: boolean): string {
  const [line = ""] = headingOf(question).trim().split("\n", 1);
  const asked = cut(line, SHORT);
  return shownText(isOneOfSeveral ? text.of(asked, question.node) : asked);
}

/** The name of the field. */
export function fieldNameOf(question: Question, isOneOfSeveral: boolean): string {
  const name = nameOf(question, isOneOfSeveral);
  return name.startsWith(text.answer) ? name : text.answerTo(name);
}
