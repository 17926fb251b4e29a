/** The lid of the box: what it is going to be. */
import { CloseIcon } from "../icons.tsx";
import { PictureImage } from "../pictures/picture-image.tsx";
import { useRoom } from "../room.ts";

export function PictureCard({ close }: { close: () => void }) {
  const room = useRoom();
  return (
    <aside className="lid" aria-label="The picture">
      <PictureImage params={room.params} pixels={800} />
      <button type="button" className="tool" aria-label="Close the picture" onClick={close}>
        <CloseIcon />
      </button>
    </aside>
  );
}
