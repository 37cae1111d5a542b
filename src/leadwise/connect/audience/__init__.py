"""Leads of a band as files for others: an audience of an ad network, a dialler's list.

people     who is meant, without those who want nothing
hashing    addresses, numbers and names as ad networks want them before they are hashed
formats    the columns of each network, and of a dialler
diff       what came and went since the last file
"""
