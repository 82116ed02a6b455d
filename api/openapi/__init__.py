"""Declarations of routes, and the OpenAPI document that is made from them."""
