/** What a room may be called: 1 to 4 segments of letters, digits, `_` and `-`, 1 to 32 characters each, joined by `:`. */
const ROOM_ID = /^[A-Za-z0-9_-]{1,32}(:[A-Za-z0-9_-]{1,32}){0,3}$/;
const PARTY = /^[a-z][a-z0-9-]{0,31}$/;

export const isRoomId = (id: string): boolean => ROOM_ID.test(id);

/** A kind of room, as it stands in the URL: kebab-case. */
export const isParty = (name: string): boolean => PARTY.test(name);
