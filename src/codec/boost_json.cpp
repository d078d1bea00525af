// SPDX-License-Identifier: Apache-2.0
// The two parts of Boost.JSON that its parser calls, compiled here. The packaged library is one object file, and would
// be linked whole: with it came streams and locales, a megabyte of text that every start maps.
#define BOOST_JSON_SOURCE
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/detail/impl/default_resource.ipp>
#include <boost/json/detail/impl/shared_resource.ipp>
#include <boost/json/detail/impl/stack.ipp>
#include <boost/json/impl/error.ipp>
