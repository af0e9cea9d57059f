/**
 * The control that draws a value: a value that does not fit the control is written as JSON, so that nothing is lost.
 */
import { Broken, isList, isObject, isSame, type Json, type JsonObject, Num, parse } from "../json";
import type { Control, GroupControl, ListControl, VariantsControl } from "../protocol";
import type { Form } from "./place";
import { ANYTHING, type Resolved } from "./resolve";

/** The control for the present value. */
export function drawnAs(control: Resolved, node: Json | undefined): Resolved {
  return isDrawable(control, node) ? control : ANYTHING;
}

function isDrawable(control: Resolved, node: Json | undefined): boolean {
  if (node instanceof Broken) return control.kind === "json";
  switch (control.kind) {
    case "text":
      return node === undefined || node === null || (typeof node === "string" && !hasMixedLines(node));
    case "number":
      return node === undefined || node === null || typeof node === "string" || node instanceof Num;
    case "switch":
      return node === undefined || node === null || typeof node === "boolean";
    case "group":
      return isObject(node);
    case "list":
    case "row":
      return isList(node);
    case "choices":
      return node === undefined || isList(node);
    case "choice":
    case "variants":
    case "fixed":
    case "json":
      return true;
    default:
      return control satisfies never;
  }
}

/** An editor of a page has a single kind of line end: a text with several kinds would change. */
function hasMixedLines(text: string): boolean {
  const rest = text.replaceAll("\r\n", "");
  return rest.includes("\r") || (rest !== text && rest.includes("\n"));
}

/** Whether a control is a single element, which a `<label for>` names. */
export function isSingle(control: Resolved): boolean {
  switch (control.kind) {
    case "text":
    case "number":
    case "switch":
    case "json":
      return true;
    case "choice":
      return control.options.length > RADIOS;
    default:
      return false;
  }
}

/** Up to so many options are all seen at once. */
export const RADIOS = 5;

/** Whether a control needs the whole width. */
export function isBlock(form: Form, control: Control, depth = 0): boolean {
  const { kind, ...rest } = form.resolve(control);
  if (kind === "group" || kind === "list" || kind === "row") return true;
  if (kind !== "variants" || depth > 3) return false;
  return (rest as VariantsControl).variants.some((one) => isBlock(form, one.control, depth + 1));
}

/** Whether a control may be empty, so that no note says that something must be filled in. */
export function mayBeEmpty({ kind }: Resolved): boolean {
  return kind === "text" || kind === "number" || kind === "choice";
}

export function isFull({ most }: ListControl, items: readonly Json[]): boolean {
  return most !== null && items.length >= most;
}

/** Whether the field of a value is shown even where the value is absent. */
export function isLeaf(form: Form, control: Control): boolean {
  const { kind } = form.resolve(control);
  return kind !== "group" && kind !== "list" && kind !== "row" && kind !== "variants";
}

/** Whether an absent value is drawn like an empty value. */
export function isSimple(form: Form, control: Control): boolean {
  const { kind } = form.resolve(control);
  return kind === "text" || kind === "number" || kind === "choice" || kind === "choices";
}

/** The variant to which a value belongs; the chosen variant, as long as the value may belong to it. */
export function variantOf(
  form: Form,
  { by, variants }: VariantsControl,
  node: Json | undefined,
  chosen: number | null,
): number | null {
  const scores = variants.map(({ tag, control }) =>
    by !== null && tag !== null ? tagScore(by, tag, node) : score(form, control, node),
  );
  if (chosen !== null && (scores[chosen] ?? 0) > 0) return chosen;
  const best = Math.max(...scores);
  return best > 0 ? scores.indexOf(best) : null;
}

function tagScore(by: string, tag: string, node: Json | undefined): number {
  const told = isObject(node) ? node.get(by) : undefined;
  return told !== undefined && isSame(told, parse(tag)) ? 3 : 0;
}

/** How well a value fits: 0 not at all, below 1 only as an unfinished value. */
function score(form: Form, control: Control, node: Json | undefined, depth = 0): number {
  const found = form.resolve(control);
  if (node === undefined || depth > 5) return 0;
  switch (found.kind) {
    case "text":
      return typeof node === "string" ? (found.format === "plain" || found.format === "long" ? 2 : 1.9) : 0;
    case "number":
      if (typeof node === "string") return 0.4;
      return node instanceof Num ? (found.integer === /^-?\d+$/.test(node.text) ? 2 : 1.5) : 0;
    case "switch":
      return typeof node === "boolean" ? 2 : 0;
    case "choice":
      return found.options.some(({ value }) => isSame(parse(value), node)) ? 2.5 : 0;
    case "fixed":
      return isSame(parse(found.value), node) ? 3 : 0;
    case "choices":
      return isList(node) ? 2 : 0;
    case "list":
      return isList(node)
        ? 1 + (node[0] === undefined ? 1 : score(form, found.item, node[0], depth + 1) / 3)
        : 0;
    case "row":
      return isList(node) ? (node.length === found.items.length ? 2.2 : 1) : 0;
    case "group":
      return isObject(node) ? 1 + likeness(form, found, node, depth) : 0;
    case "variants":
      return Math.max(...found.variants.map((one) => score(form, one.control, node, depth + 1)));
    case "json":
      return node instanceof Broken ? 1 : 0.5;
    default:
      return found satisfies never;
  }
}

/** From 0 to 1: how many of the members are there, known and of their shape. */
function likeness(form: Form, { members, others }: GroupControl, node: JsonObject, depth: number): number {
  const known = new Map(members.map((member) => [member.name, member]));
  const missing = members.filter(({ name, required }) => required && !node.has(name)).length;
  const points = [...node].map(([key, value]): number => {
    const member = known.get(key);
    if (!member) return others ? 0.5 : 0;
    return score(form, member.control, value, depth + 1) > 0 ? 1 : 0.25;
  });
  const all = node.size + missing;
  return all === 0 ? 1 : points.reduce((sum, one) => sum + one, 0) / all;
}
