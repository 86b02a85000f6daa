"""TodoMVC: one flow on every implementation, beside a plain placeholder flow."""
