/** The flaws of an answer, above a form that may be long: each flaw leads to the control. */

import type { Control, Flaw } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { giveFocus } from "./focus";
import type { Form } from "./place";
import { titlesOf } from "./titles";

const MOST = 12;

interface Props {
  form: Form;
  control: Control;
  flaws: readonly Flaw[];
  path: readonly string[];
}

export function Summary({ form, control, flaws, path }: Props) {
  const own = flaws.filter((flaw) => path.every((key, index) => flaw.path[index] === key));
  if (own.length < 2) return null;
  const go = (flaw: Flaw, element: HTMLElement) => {
    const root = element.closest<HTMLElement>(".form");
    if (root) giveFocus(root, form.root.find(flaw.path.slice(path.length)).id);
  };
  return (
    <nav class="summary" aria-label={strings.forms.summary(own.length)}>
      <p>{strings.forms.summary(own.length)}</p>
      <ul>
        {own.slice(0, MOST).map((flaw) => (
          <li key={`${flaw.path.join("\n")} ${flaw.message}`}>
            <button type="button" class="quiet" onClick={(event) => go(flaw, event.currentTarget)}>
              <Shown text={told(titlesOf(form, control, flaw.path.slice(path.length)), flaw.message)} />
            </button>
          </li>
        ))}
      </ul>
      {own.length > MOST && <p class="hint">{strings.forms.more(own.length - MOST)}</p>}
    </nav>
  );
}

function told(titles: string[], message: string): string {
  return titles.length > 0 ? `${titles.join(" › ")}: ${message}` : message;
}
