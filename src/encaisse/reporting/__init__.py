"""Dashboards, statistics, exports, evidence: reads only, from figures kept as things happen."""
