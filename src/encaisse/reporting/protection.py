"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare

declare("reporting_dailyfigure", clear("A name of ours.", "name"))
declare("reporting_boardchoice", clear("Names of ours.", "blocks"))
declare("reporting_linkstep", clear("Names of ours.", "step", "method", "device"))
