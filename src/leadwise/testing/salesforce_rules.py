"""What Salesforce has and refuses, for its stand-in: objects, fields, answers and tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from leadwise.testing.serving import Answer

Row: TypeAlias = dict[str, Any]
_ALL = {"Id": "id", "CreatedDate": "datetime", "SystemModstamp": "datetime", "IsDeleted": "boolean"}
_OWNED = {**_ALL, "OwnerId": "reference"}
_PERSON = {
    **_OWNED, "Name": "string", "FirstName": "string", "LastName": "string", "Title": "string",
    "Email": "email", "Phone": "phone", "LeadSource": "picklist", "MasterRecordId": "reference",
}  # fmt: skip
_DONE = {**_OWNED, "Subject": "string", "WhoId": "reference", "WhatId": "reference"}
OBJECTS: Mapping[str, Mapping[str, str]] = {
    "Lead": {
        **_PERSON, "Company": "string", "Status": "picklist", "Industry": "picklist",
        "NumberOfEmployees": "int", "AnnualRevenue": "currency", "Website": "url",
        "IsConverted": "boolean", "ConvertedDate": "date", "ConvertedContactId": "reference",
        "ConvertedOpportunityId": "reference", "City": "string", "Country": "string",
    },
    "Contact": {**_PERSON, "AccountId": "reference", "MailingCity": "string"},
    "Account": {**_OWNED, "Name": "string", "Website": "url", "Industry": "picklist",
                "NumberOfEmployees": "int"},
    "Opportunity": {
        **_OWNED, "Name": "string", "Amount": "currency", "CloseDate": "date", "IsWon": "boolean",
        "IsClosed": "boolean", "StageName": "picklist", "AccountId": "reference",
        "Loss_Reason__c": "string",
    },
    "OpportunityContactRole": {**_ALL, "OpportunityId": "reference", "ContactId": "reference",
                               "IsPrimary": "boolean"},
    "Task": {**_DONE, "Status": "picklist", "IsClosed": "boolean", "TaskSubtype": "picklist",
             "CompletedDateTime": "datetime", "ActivityDate": "date",
             "CallDurationInSeconds": "int", "CallDisposition": "string"},
    "Event": {**_DONE, "StartDateTime": "datetime", "EndDateTime": "datetime",
              "DurationInMinutes": "int", "IsChild": "boolean"},
    "User": {**_ALL, "Name": "string"},
    "PermissionSet": {**_ALL, "Name": "string", "Label": "string"},
    "FieldPermissions": {**_ALL, "ParentId": "reference", "SobjectType": "string",
                         "Field": "string", "PermissionsRead": "boolean",
                         "PermissionsEdit": "boolean"},
    "PermissionSetAssignment": {**_ALL, "PermissionSetId": "reference", "AssigneeId": "reference"},
}  # fmt: skip
PREFIXES = {"Lead": "00Q", "Contact": "003", "Account": "001", "Opportunity": "006", "Task": "00T",
             "Event": "00U", "User": "005", "PermissionSet": "0PS", "OpportunityContactRole": "00K",
             "FieldPermissions": "01k", "PermissionSetAssignment": "0Pa"}  # fmt: skip
REQUIRED = {"Lead": ("LastName", "Company"), "Contact": ("LastName",), "Account": ("Name",),
             "Opportunity": ("Name", "StageName", "CloseDate")}  # fmt: skip
NUMBERS = ("int", "double", "currency", "Number")
ACTIVITIES = ("Task", "Event")


class RefusedError(Exception):
    """What Salesforce says no with."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def error_of(status: int, code: str, message: str) -> Answer:
    """An error as it is answered."""
    return status, {}, [{"errorCode": code, "message": message}]


def public(job: Row) -> Row:
    """A job as it is shown."""
    said: Row = {n: job[n] for n in ("id", "state", "operation", "object") if n in job}
    return {
        **said,
        "contentType": "CSV",
        "state": "InProgress" if job["state"] == "UploadComplete" else job["state"],
    }


def shape_of(kind: str) -> str:
    """A field's type as `describe` says it."""
    return {
        "Number": "double",
        "Text": "string",
        "LongTextArea": "textarea",
        "DateTime": "datetime",
    }.get(kind, kind)


def written(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}+0000"
    return value


def cell(value: Any) -> str:
    """A value as CSV."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(written(value))


def uncelled(kind: str, cell: str) -> Any:
    """A cell of an upload as a value of the field's type."""
    if cell == "#N/A":
        return None
    return float(cell) if kind in NUMBERS else cell


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def outbound_message(organization: str, of: str, rows: Sequence[Row], session: str) -> bytes:
    """An outbound message as Salesforce sends it."""
    told = "".join(
        f"<Notification><Id>04l{number:012d}AAA</Id>"
        f'<sObject xsi:type="sf:{of}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        f"<sf:Id>{row['Id']}</sf:Id>"
        + "".join(f"<sf:{n}>{escape(str(row[n]))}</sf:{n}>" for n in ("LastName",) if row.get(n))
        + "</sObject></Notification>"
        for number, row in enumerate(rows, 1)
    )
    said = f"<SessionId>{session}</SessionId>" if session else '<SessionId xsi:nil="true"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001AAA</ActionId>"
        f"{said}<EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c</EnterpriseUrl>"
        f"<PartnerUrl>https://acme.my.salesforce.com/services/Soap/u</PartnerUrl>{told}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()
