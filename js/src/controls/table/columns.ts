/** The columns of a table, and their cells as texts. */
import { isObject, isSame, type Json, JsonError, type JsonObject, Num, parse, write } from "../../json";
import type { Control, ListControl } from "../../protocol";
import { numberOf } from "../number";
import type { Form } from "../place";
import { ANYTHING, type Resolved } from "../resolve";

export interface Column {
  name: string;
  label: string;
  hint: string;
  required: boolean;
  /** Whether an empty cell is `null`. */
  nullable: boolean;
  control: Resolved;
  numeric: boolean;
  /** In characters. */
  width: number;
}

const SCALARS: readonly Resolved["kind"][] = ["text", "number", "switch", "choice", "fixed"];

/** `null` where a row is not an object, or a cell has several values: then the list is drawn as a list. */
export function columnsOf(form: Form, { item }: ListControl, rows: readonly Json[]): Column[] | null {
  const group = form.resolve(item);
  if (group.kind !== "group" || !rows.every(isObject)) return null;
  const objects = rows as readonly JsonObject[];
  const listed = group.members.map((member) => ({ ...member, ...cellControl(form, member.control) }));
  if (!listed.every(({ control }) => SCALARS.includes(control.kind))) return null;
  const known = new Set(listed.map(({ name }) => name));
  const extra = new Set<string>();
  for (const row of objects) for (const key of row.keys()) if (!known.has(key)) extra.add(key);
  const extras = Array.from(extra, (name) => ({
    name,
    label: name,
    hint: "",
    required: false,
    nullable: false,
    control: ANYTHING as Resolved,
  }));
  return [...listed, ...extras].map((column) => ({
    ...column,
    numeric: column.control.kind === "number",
    width: widthOf(column, objects),
  }));
}

/** An optional value is a cell that may be empty. */
function cellControl(form: Form, control: Control): { control: Resolved; nullable: boolean } {
  const found = form.resolve(control);
  if (found.kind !== "variants") return { control: found, nullable: false };
  const isNull = (one: Resolved) => one.kind === "fixed" && one.value === "null";
  const kinds = found.variants.map((variant) => form.resolve(variant.control));
  const [only, ...more] = kinds.filter((one) => !isNull(one));
  const optional = only !== undefined && more.length === 0;
  return optional ? { control: only, nullable: true } : { control: found, nullable: false };
}

const SAMPLE = 100;

function widthOf(
  column: { name: string; label: string; control: Resolved },
  rows: readonly JsonObject[],
): number {
  const lengths = rows.slice(0, SAMPLE).map((row) => cellText(column.control, row.get(column.name)).length);
  return Math.min(36, Math.max(5, column.label.length + 2, ...lengths) + 1);
}

export function cellText(control: Resolved, node: Json | undefined): string {
  if (node === undefined || node === null) return "";
  if (control.kind === "choice") {
    const option = control.options.find(({ value }) => isSame(parse(value), node));
    if (option) return option.label;
  }
  if (control.kind === "json") return write(node);
  if (typeof node === "string") return node;
  return node instanceof Num ? node.text : write(node);
}

/** The value that a text in a cell stands for; `undefined`: none at all. */
export function cellValue({ control, nullable, required }: Column, text: string): Json | undefined {
  if (text === "" && nullable) return null;
  if (text === "" && !required) return undefined;
  switch (control.kind) {
    case "number":
      return numberOf(text);
    case "switch":
      return truth(text);
    case "choice":
      return optionOf(control.options, text);
    case "json":
      return jsonOr(text);
    default:
      return text;
  }
}

function truth(text: string): Json {
  const word = text.trim().toLowerCase();
  if (["true", "yes", "1"].includes(word)) return true;
  return ["false", "no", "0"].includes(word) ? false : text;
}

function optionOf(options: { label: string; value: string }[], text: string): Json {
  const option = options.find(({ label, value }) => label === text || value === text);
  return option ? parse(option.value) : text;
}

/** Text that is not JSON stays a text: a cell has no room for a syntax error. */
function jsonOr(text: string): Json {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof JsonError) return text;
    throw error;
  }
}

export function withCell(row: JsonObject, { name }: Column, value: Json | undefined): JsonObject {
  if (value !== undefined) return new Map(row).set(name, value);
  return new Map([...row].filter(([key]) => key !== name));
}
