/** The path of a flaw, as the form shows the path: "Travellers › Item 2 › Age". */
import type { Control } from "../protocol";
import * as strings from "../strings";
import type { Form } from "./place";

export function titlesOf(form: Form, control: Control, path: readonly string[]): string[] {
  const [key, ...rest] = path;
  if (key === undefined) return [];
  const [title, inner] = step(form, control, key) ?? [key, null];
  return [title, ...(inner ? titlesOf(form, inner, rest) : rest)];
}

type Step = [title: string, inner: Control | null] | null;

/** The value at a key, and the control of the value. */
function step(form: Form, control: Control, key: string): Step {
  const found = form.resolve(control);
  switch (found.kind) {
    case "group": {
      const member = found.members.find(({ name }) => name === key);
      return member ? [member.label, member.control] : [key, found.others];
    }
    case "list":
      return [strings.forms.item(Number(key) + 1), found.item];
    case "row": {
      const member = found.items[Number(key)];
      return [member?.label || strings.forms.item(Number(key) + 1), member?.control ?? null];
    }
    case "variants":
      return firstOf(found.variants.map((variant) => step(form, variant.control, key)));
    default:
      return null;
  }
}

/** The step of the variant that knows the key; all further variants only pass the key on. */
function firstOf(steps: Step[]): Step {
  return steps.find((one) => one?.[1]) ?? steps.find((one) => one !== null) ?? null;
}
