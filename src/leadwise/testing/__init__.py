"""Stand-ins for vendors' clouds, for tests and demonstrations: small servers on this machine.

    with served(FakeHubSpot(token="t")) as url:
        ...                                 # a connection with `url` as its address
        assert fake.calls[-1].path == "/crm/v3/objects/contacts/batch/update"

Each is in the memory of the process, speaks the vendor's HTTP as its own description says, and
answers with what it was given before. Nothing of Leadwise's own work depends on this package.
"""
