/** Members of an object that the form does not list, each with a name that can be changed. */
import { useState } from "preact/hooks";
import { type Json, type JsonObject, parse, without } from "../json";
import type { GroupControl } from "../protocol";
import * as strings from "../strings";
import type { ControlProps } from "./base";
import { Add, Tool } from "./buttons";
import { Labelled } from "./labelled";
import type { Place } from "./place";
import { ANYTHING } from "./resolve";

type Props = ControlProps<GroupControl> & { object: JsonObject };

export function Others({ control, place, object, flaws, readOnly, masked }: Props) {
  const listed = new Set(control.members.map(({ name }) => name));
  const keys = [...object.keys()].filter((key) => !listed.has(key));
  const addId = `${place.id}-other`;
  return (
    <>
      {keys.map((key, index) => (
        <Labelled
          key={index}
          control={control.others ?? ANYTHING}
          place={place.child(key)}
          node={object.get(key)}
          flaws={flaws?.below.get(key)}
          readOnly={readOnly}
          masked={masked}
          label={key}
          hint=""
          required={false}
          name={<Name name={key} place={place} object={object} listed={listed} readOnly={readOnly} />}
          tools={
            <Tool
              name={strings.forms.remove(key)}
              off={readOnly}
              onClick={() => {
                place.focus(addId);
                place.change(without(object, key));
              }}
            >
              ✕
            </Tool>
          }
        />
      ))}
      {control.others && (
        <div class="add">
          <Add
            id={addId}
            off={readOnly}
            onClick={() => {
              const name = freeName(object, listed);
              place.focus(`${place.child(name).id}-key`);
              place.change(new Map(object).set(name, parse(control.start)), false);
            }}
          >
            {strings.forms.addMember}
          </Add>
        </div>
      )}
    </>
  );
}

interface NameProps {
  name: string;
  place: Place;
  object: JsonObject;
  listed: ReadonlySet<string>;
  readOnly: boolean;
}

/** The name changes when the field is left: an unfinished name may equal a name that is taken. */
function Name({ name, place, object, listed, readOnly }: NameProps) {
  const [typed, type] = useState<string | null>(null);
  const id = `${place.child(name).id}-key`;
  const taken = typed !== null && typed !== name && (object.has(typed) || listed.has(typed));
  const settle = () => {
    type(null);
    if (typed !== null && typed !== name && !taken) place.change(renamed(object, name, typed));
  };
  return (
    <>
      <input
        id={id}
        class="field key"
        type="text"
        dir="auto"
        autocomplete="off"
        spellcheck={false}
        aria-label={strings.forms.name}
        aria-invalid={taken}
        aria-describedby={taken ? `${id}-taken` : undefined}
        readOnly={readOnly}
        value={typed ?? name}
        onFocus={({ currentTarget }) => currentTarget.select()}
        onInput={({ currentTarget: { value } }) => type(value)}
        onChange={settle}
        onBlur={settle}
      />
      {taken && (
        <p id={`${id}-taken`} class="flaw" aria-live="polite">
          {strings.forms.taken}
        </p>
      )}
    </>
  );
}

function renamed(object: JsonObject, from: string, to: string): JsonObject {
  return new Map(Array.from(object, ([key, value]): [string, Json] => [key === from ? to : key, value]));
}

function freeName(object: JsonObject, listed: ReadonlySet<string>): string {
  let [name, count] = [strings.forms.newName, 1];
  while (object.has(name) || listed.has(name)) {
    count += 1;
    name = `${strings.forms.newName}_${count}`;
  }
  return name;
}
