/** The changes that a person made to a proposal: old and new. */
import { useMemo } from "preact/hooks";
import { Changes } from "../changes";
import { isEmpty, type Json } from "../json";
import { Shown } from "../shown";
import * as strings from "../strings";
import { type Edit, editsBetween } from "./edits";

const text = strings.decisions;
const MOST = 20;

/** Without a start value nothing was changed: the whole value was written. */
export function useEdits(start: Json | undefined, value: Json | undefined): Edit[] {
  return useMemo(
    () => (start === undefined || isEmpty(start) ? [] : editsBetween(start, value)),
    [start, value],
  );
}

export function Edited({ edits }: { edits: Edit[] }) {
  if (edits.length === 0) return null;
  return (
    <ul class="edits" aria-label={strings.question.changes}>
      {edits.slice(0, MOST).map((edit) => (
        <li key={edit.path.join("\n")}>
          <bdi class="key">
            <Shown text={edit.path.join(".") || text.whole} />
          </bdi>{" "}
          <OldAndNew edit={edit} />
        </li>
      ))}
      {edits.length > MOST && <li class="hint">{text.more(edits.length - MOST)}</li>}
    </ul>
  );
}

function OldAndNew({ edit: { before, after } }: { edit: Edit }) {
  if (before !== null && after !== null && isLong(before, after))
    return <Changes original={before} revised={after} />;
  return (
    <>
      {before !== null && (
        <del dir="auto">
          <Shown text={before || '""'} />
        </del>
      )}
      {before !== null && after !== null && <span aria-hidden="true"> → </span>}
      {after !== null && (
        <ins dir="auto">
          <Shown text={after || '""'} />
        </ins>
      )}
    </>
  );
}

function isLong(...texts: string[]): boolean {
  return texts.some((one) => one.length > 60 || one.includes("\n"));
}
