/** One of the three bills: its total, its lines, and what is to be said of it. */
import type { Bill } from "../../../load/cost/bill.ts";
import { amount, dollars } from "../../../load/cost/figures.ts";
import { rate } from "../../../load/cost/show.ts";

export function BillTable({ bill: { id, name, lines, total, notes } }: { bill: Bill }) {
  return (
    <section className="bill" data-bill={id} aria-labelledby={`bill-${id}`}>
      <h2 id={`bill-${id}`}>{name}</h2>
      <p className="bill-total" data-testid={`total-${id}`}>
        {dollars(total)} <small>a month</small>
      </p>
      <table>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name} className={line.dollars === 0 ? "bill-free" : undefined}>
              <th scope="row">
                {line.name}
                <small>
                  {amount(line.amount)} {line.unit}, {rate(line)}
                </small>
              </th>
              <td>{dollars(line.dollars)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {notes.map((note) => (
        <p key={note} className="hint">
          {note}
        </p>
      ))}
    </section>
  );
}
