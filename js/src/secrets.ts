/**
 * Keeps secrets in this page: drafts are kept in a trait, which is saved with the notebook.
 *
 * After a reload the person must type secrets again.
 */
import { isSecret, type Resolved, resolve } from "./controls/resolve";
import { isList, isObject, type Json, JsonError, Num, parseDraft, write } from "./json";
import type { Control, DecisionsField, FormField, Question } from "./protocol";

type Keeping = FormField | DecisionsField;

export class Secrets {
  /**
   * Fields with secrets, by question: also known after a switch to JSON, until the page is reloaded.
   */
  private readonly fields = new Map<string, Keeping>();

  /** The part of a draft that may be kept; `null` where nothing may be kept. */
  without({ id, field }: Question, draft: string): string | null {
    if ((field.kind === "form" || field.kind === "decisions") && hasSecrets(field))
      this.fields.set(id, field);
    const known = this.fields.get(id);
    if (known) return blanked(known, draft);
    return field.kind === "json" && field.secret ? null : draft;
  }
}

/** Whether a field has secrets, looked up once: every pressed key needs the finding. */
const secret = new WeakMap<Keeping, boolean>();

function hasSecrets(field: Keeping): boolean {
  const known = secret.get(field) ?? /"(format|kind)":"secret"/.test(JSON.stringify(field));
  secret.set(field, known);
  return known;
}

function blanked(field: Keeping, draft: string): string | null {
  const { shared } = field;
  try {
    const value = parseDraft(draft);
    const rest = field.kind === "form" ? blank(field.control, shared, value) : blankDecisions(field, value);
    return rest === value ? draft : write(rest);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

type Shared = Record<string, Control>;

/** Where a value may have several shapes, a value that is secret in any of these shapes is removed. */
function blank(control: Control, shared: Shared, value: Json): Json {
  const found: Resolved = resolve(control, shared);
  // A constant is part of the question: without the constant nobody could answer after a reload.
  if (isSecret(control, shared)) return found.kind === "fixed" ? parseDraft(found.value) : emptied(value);
  switch (found.kind) {
    case "text":
      return found.format === "secret" && typeof value === "string" ? "" : value;
    case "group": {
      const of = new Map(found.members.map((member) => [member.name, member.control]));
      return mapped(value, (key) => of.get(key) ?? found.others, shared);
    }
    case "list":
      return mapped(value, () => found.item, shared);
    case "row":
      return mapped(value, (key) => found.items[Number(key)]?.control, shared);
    case "variants":
      return found.variants.reduce((rest, { control: one }) => blank(one, shared, rest), value);
    default:
      return value;
  }
}

/** The emptiest value of the same kind. */
function emptied(value: Json): Json {
  if (isList(value)) return [];
  if (isObject(value)) return new Map();
  return typeof value === "string" || value instanceof Num ? "" : null;
}

function mapped(value: Json, controlOf: (key: string) => Control | null | undefined, shared: Shared): Json {
  const inner = (key: string, item: Json) => {
    const control = controlOf(key);
    return control ? blank(control, shared, item) : item;
  };
  if (isList(value)) return value.map((item, index) => inner(String(index), item));
  return isObject(value) ? new Map(Array.from(value, ([key, item]) => [key, inner(key, item)])) : value;
}

function blankDecisions({ requests, shared }: DecisionsField, value: Json): Json {
  if (!isList(value)) return value;
  return value.map((decision, index) => {
    if (!isObject(decision)) return decision;
    const action = requests[index]?.actions.find(({ name }) => name === decision.get("action"));
    const filled = decision.get("value");
    if (!action?.control || filled === undefined) return decision;
    return new Map(decision).set("value", blank(action.control, shared, filled));
  });
}
