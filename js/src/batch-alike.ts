/** The same answer for several questions of a batch. */
import { resolve } from "./controls/resolve";
import { RADIOS } from "./controls/shape";
import { readDraft, startOf as startOfAction, writeDraft } from "./decisions/draft";
import { isList, isObject, isSame, type Json, JsonError, parse, write } from "./json";
import type { Control, Question } from "./protocol";

/**
 * The draft for another question that is alike: the same decisions, or the same value. `null` where the answer was
 * written for a single question only, such as an edited text or an edited call.
 */
export function draftFor(other: Question, question: Question, draft: string): string | null {
  if (draft === question.field.original) return other.field.original;
  if (question.field.kind === "decisions") return decisionsFor(other, question, draft);
  const isOwn = question.field.original !== other.field.original || question.field.kind === "widget";
  return isOwn || (question.field.kind === "text" && question.field.original !== "") ? null : draft;
}

function decisionsFor({ field }: Question, question: Question, draft: string): string | null {
  if (field.kind !== "decisions" || question.field.kind !== "decisions") return null;
  const requests = question.field.requests;
  const decided = readDraft(draft, question.field).map((decision, index) => {
    const action = requests[index]?.actions.find(({ name }) => name === decision?.action);
    const start = action && startOfAction(action);
    const own = field.requests[index]?.actions.find(({ name }) => name === decision?.action);
    if (!decision || !own) return null;
    if (start === undefined || decision.value === undefined) return decision;
    if (isSame(decision.value, start)) return { ...decision, value: startOfAction(own) };
    return isFilled(start) ? null : decision; // an edited call stays with the question
  });
  return decided.includes(null) ? null : writeDraft(decided);
}

function isFilled(start: Json): boolean {
  return start !== null && start !== "";
}

/** The draft that a key sends, where the answer is a single yes or no, or a single choice, alone or within a form. */
export function draftOfKey({ field }: Question, key: string): string | null {
  if (field.kind !== "form") return null;
  const control = resolve(field.control, field.shared);
  if (control.kind === "switch" || (control.kind === "choice" && control.options.length <= RADIOS)) {
    const value = chosenBy(control, key.toLowerCase());
    return value === undefined ? null : write(value);
  }
  if (control.kind !== "group") return null;
  const [member, ...others] = control.members;
  if (!member || others.length > 0) return null;
  const value = chosenBy(member.control, key.toLowerCase());
  return value === undefined ? null : draftWith(field.original, member.name, value);
}

function chosenBy(control: Control, key: string): Json | undefined {
  if (control.kind === "switch") return { y: true, n: false }[key];
  if (control.kind !== "choice" || !/^[1-9]$/.test(key)) return undefined;
  const option = control.options[Number(key) - 1];
  return option && parse(option.value);
}

function draftWith(original: string, name: string, value: Json): string | null {
  try {
    const start = parse(original);
    return isObject(start) && !isList(start) ? write(new Map([...start, [name, value]])) : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

/** The keys and the choice that each makes, in words for people. */
export function keysOf({ field }: Question): [string, string][] {
  if (field.kind !== "form") return [];
  if (field.control.kind === "switch")
    return [
      ["Y", "yes"],
      ["N", "no"],
    ];
  if (field.control.kind !== "group" || field.control.members.length !== 1) return [];
  const [member] = field.control.members;
  if (member?.control.kind === "switch")
    return [
      ["Y", `${member.label}: yes`],
      ["N", `${member.label}: no`],
    ];
  if (member?.control.kind !== "choice") return [];
  return member.control.options.slice(0, 9).map(({ label }, index) => [String(index + 1), label]);
}
