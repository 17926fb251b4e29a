/** Somebody sent a link, or only its last part. */
import { useState } from "react";
import { idFromLink, navigate } from "../router.ts";

export function JoinByLink() {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      className="join"
      onSubmit={(event) => {
        event.preventDefault();
        const id = idFromLink(text);
        setWrong(id === undefined);
        if (id !== undefined) navigate(`/p/${id}`);
      }}
    >
      <label className="label" htmlFor="link">
        Join by link
      </label>
      <div className="join-row">
        <input
          id="link"
          data-testid="join-link"
          value={text}
          placeholder="Paste a table's link"
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          aria-invalid={wrong}
          aria-describedby="link-wrong"
        />
        <button type="submit" className="button" data-testid="join">
          Join
        </button>
      </div>
      <p id="link-wrong" className="hint warn" role="status">
        {wrong ? "That does not look like a table's link." : ""}
      </p>
    </form>
  );
}
