/** The one type of browsers that yjs's own types name. */
interface Node {}
