/** Your name and colour, changed in place. */
import { COLOURS } from "./board/people.ts";
import { NAME_LENGTH, setIdentity, useIdentity } from "./identity.ts";

export function MeEditor() {
  const { name, colour } = useIdentity();
  return (
    <div className="me">
      <label className="me-name">
        <span className="label">Your name</span>
        <span className="me-field">
          <span className="dot" style={{ background: COLOURS[colour]?.vivid }} />
          <input
            data-testid="my-name"
            value={name}
            maxLength={NAME_LENGTH}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setIdentity({ name: event.target.value })}
          />
        </span>
      </label>
      <fieldset className="me-colours">
        <legend className="label">Your colour</legend>
        {COLOURS.map((each, index) => (
          <label key={each.name} className="swatch" title={each.name} style={{ "--swatch": each.vivid }}>
            <input
              type="radio"
              name="colour"
              checked={index === colour}
              onChange={() => setIdentity({ colour: index })}
              aria-label={each.name}
            />
          </label>
        ))}
      </fieldset>
    </div>
  );
}
