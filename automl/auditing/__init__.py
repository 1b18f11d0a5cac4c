"""From a winner, or a file of predictions, to a fairness audit: which rows, which columns."""

from automl.auditing.columns import sensitive_columns
from automl.auditing.files import FileColumns, audit_of_file
from automl.auditing.rows import AuditRows, audit_rows, given_audit_rows, kept_audit_rows

__all__ = [
    "AuditRows",
    "FileColumns",
    "audit_of_file",
    "audit_rows",
    "given_audit_rows",
    "kept_audit_rows",
    "sensitive_columns",
]
