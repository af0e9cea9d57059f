/** The choice of a type for an answer, where nobody knows the needed type. */
import type { Question, SwitchRequest } from "./protocol";
import * as strings from "./strings";

const TYPES = ["text", "number", "boolean", "json"] as const;

interface Props {
  id: string;
  question: Question;
  locked: boolean;
  onPick(to: SwitchRequest["to"]): void;
}

export function WrittenAs({ id, question, locked, onPick }: Props) {
  return (
    <div class="segments written" role="radiogroup" aria-label={strings.question.writtenAs}>
      {TYPES.map((type) => (
        <label key={type} class="segment">
          <input
            type="radio"
            name={`${id}-written`}
            checked={type === question.written}
            aria-disabled={locked}
            onClick={(event) => locked && event.preventDefault()}
            onChange={() => locked || onPick(type)}
          />
          <span>{strings.question.types[type]}</span>
        </label>
      ))}
    </div>
  );
}
